import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { api } from './api';
import { ServicesContext } from './context';
import { LiveStore } from './live-store';
import { Session } from './session';
import './styles/index.css';

const services = { live: new LiveStore(), session: new Session() };
services.live.connect(api.live);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <ServicesContext.Provider value={services}>
      <App />
    </ServicesContext.Provider>
  </StrictMode>,
);
